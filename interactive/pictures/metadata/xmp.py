"""The little of XMP that matters here: which way is up, where a photo was taken, no thumbnails."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.dom import minidom
from xml.parsers.expat import ExpatError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TIFF = "http://ns.adobe.com/tiff/1.0/"
_XAP = "http://ns.adobe.com/xap/1.0/"
_NOTE = "http://ns.adobe.com/xmp/note/"
_PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
_CORE = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
_EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"

_ORIENTATION = (_TIFF, "Orientation")
# Thumbnails show what was cut away; the second part of a long JPEG packet is not carried.
_STALE = frozenset({(_XAP, "Thumbnails"), (_NOTE, "HasExtendedXMP")})
_PLACES = frozenset(
    {(_PHOTOSHOP, name) for name in ("City", "State", "Country")}
    | {(_CORE, name) for name in ("Location", "CountryCode")}
    | {(_EXTENSION, name) for name in ("LocationCreated", "LocationShown")}
)


def upright(packet: bytes) -> bytes | None:
    """Return the packet for pixels that were turned upright; None when it is no XML.

    Orientation becomes 1. Where nothing had to change, the bytes are the same.
    """

    def turn(element: minidom.Element) -> bool:
        changed = False
        for name, node in _properties(element):
            if name in _STALE:
                changed |= _remove(element, node)
            elif name == _ORIENTATION and _text(node) != "1":
                _set_text(node, "1")
                changed = True
        return changed

    return _edited(packet, turn)


def without_location(packet: bytes) -> bytes | None:
    """Return the packet without GPS and names of places; None when it is no XML."""

    def clear(element: minidom.Element) -> bool:
        changed = False
        for name, node in _properties(element):
            # Whatever the namespace: makers of drones have GPS properties of their own.
            if name in _PLACES or name[1].lower().startswith("gps"):
                changed |= _remove(element, node)
        return changed

    return _edited(packet, clear)


def _edited(packet: bytes, edit: Callable[[minidom.Element], bool]) -> bytes | None:
    """Do an edit to every element; it tells whether it changed something."""
    try:
        document = minidom.parseString(packet.strip(b"\0 \r\n\t"))
        if document.doctype is not None:  # XMP has none, and entities can grow without bound
            return None
        changed, waiting = False, [document.documentElement]
        while waiting:
            element = waiting.pop()
            if element is None:
                continue
            changed |= edit(element)
            waiting += [n for n in element.childNodes if isinstance(n, minidom.Element)]
        if not changed:
            return packet
        # Not the document as a whole, which would begin with an XML declaration.
        return "".join(node.toxml() for node in document.childNodes).encode()
    except (ExpatError, ValueError, RecursionError):
        return None


def _properties(
    element: minidom.Element,
) -> Iterator[tuple[tuple[str | None, str], minidom.Attr | minidom.Element]]:
    """What an element says, as attributes or as elements: (namespace, name), and the node."""
    attributes = element.attributes
    for node in [attributes.item(i) for i in range(attributes.length)] if attributes else []:
        if isinstance(node, minidom.Attr):
            yield (node.namespaceURI, node.localName or ""), node
    for child in list(element.childNodes):
        if isinstance(child, minidom.Element):
            yield (child.namespaceURI, child.localName or ""), child


def _remove(element: minidom.Element, node: minidom.Attr | minidom.Element) -> bool:
    if isinstance(node, minidom.Attr):
        element.removeAttributeNode(node)
    else:
        element.removeChild(node)
    return True


def _text(node: minidom.Attr | minidom.Element) -> str:
    if isinstance(node, minidom.Attr):
        return str(node.value)
    return "".join(n.data for n in node.childNodes if isinstance(n, minidom.Text)).strip()


def _set_text(node: minidom.Attr | minidom.Element, text: str) -> None:
    if isinstance(node, minidom.Attr):
        node.value = text
        return
    for child in list(node.childNodes):
        node.removeChild(child)
    assert node.ownerDocument is not None  # every parsed node has one
    node.appendChild(node.ownerDocument.createTextNode(text))
