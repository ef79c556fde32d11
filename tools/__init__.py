"""What the Makefile and CI call: setting up, running the demo, checking that nothing was left out."""
