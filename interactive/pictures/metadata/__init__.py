"""What a file says of its picture beside pixels and colours: EXIF, XMP, IPTC, resolution, text."""
