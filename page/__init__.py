"""What the web page is made of: visits, the values it shows, and its HTML, CSS and JavaScript."""
