"""An independent look at both sides: the sample database by SQL, the shops over HTTP. Imports nothing of the project,
so that a mistake of the pipeline cannot be made here in the same way."""
