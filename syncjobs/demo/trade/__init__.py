"""People who are not there: buyers in the demo's shops, and somebody in the company's warehouse."""
