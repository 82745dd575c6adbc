"""How answers are drawn: charts, ties between people, rows of a list, marked-up text."""
