"""One folder per shop platform; nothing central is edited to add one (see CONTRIBUTING.md)."""
