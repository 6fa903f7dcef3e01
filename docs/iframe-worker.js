/* Browsers start no worker from a page that was opened as a file: the search of these pages runs in a
   hidden frame there instead. Elsewhere nothing is changed. */
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super()
      this.onmessage = null
      this.frame = document.createElement("iframe")
      this.frame.hidden = true
      this.begun = new Promise((resolve, reject) => {
        const script = document.createElement("script")
        script.src = new URL(address, document.baseURI)
        script.onload = resolve
        script.onerror = reject
        document.documentElement.append(this.frame)
        const inside = this.frame.contentWindow
        inside.postMessage = (data) => this.tell(this, data)
        inside.document.documentElement.append(script)
      })
      this.begun.catch(() => this.onerror?.(new Event("error")))
    }

    /* To whoever listens, on a turn of its own, as between two threads. */
    tell(listener, data) {
      setTimeout(() => {
        const event = new MessageEvent("message", { data: structuredClone(data) })
        if (listener === this) this.onmessage?.(event)
        listener.dispatchEvent(event)
      })
    }

    postMessage(data) {
      this.begun.then(() => this.tell(this.frame.contentWindow, data), () => {})
    }

    terminate() {
      this.frame.remove()
    }
  }
}
