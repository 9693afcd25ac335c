"""Somebody's workbook into services."""
