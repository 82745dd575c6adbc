"""Who knows this: parts of a score, their sum, confidence, reasons."""
