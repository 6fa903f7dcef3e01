// What axe finds wrong with the page as it stands; minor and moderate findings are advice.
window.audited = null;
axe
  .run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
  .then((found) => {
    window.audited = found.violations
      .filter((one) => ["serious", "critical"].includes(one.impact))
      .map((one) => `${one.id}: ${one.help} (${one.nodes.map((node) => node.target).join(", ")})`);
  });
