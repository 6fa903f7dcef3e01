"""What happens in spaces once they are open: documents, messages, reminders, over years.

The campaign says whose space opened on which day, who entered it and when it ended (`spaces`).
What follows is drawn person by person from gaps between events, without a calendar: nobody's
document changes anybody else's. `persons` does it with one SimPy process a person, `deposits` on
arrays; both read the same integers (`law`) and write the same account (`account`).
"""
