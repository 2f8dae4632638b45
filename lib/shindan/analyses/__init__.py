"""Tables in, tables out: no files, no clock, no settings read, no charts, no words."""
