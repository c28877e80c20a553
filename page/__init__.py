"""What the web page is made of: sessions, the values it shows, its HTML, CSS and JavaScript."""
