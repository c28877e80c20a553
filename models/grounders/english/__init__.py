"""A phrase in English to what it asks for, and sentences back."""
