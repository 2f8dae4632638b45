"""Finished frames in, figures out: charts never aggregate. `draw(frame, text) -> Figure`."""
