"""The output folder as tables for people: CSV files or one workbook."""
