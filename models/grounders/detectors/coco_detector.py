"""Detect COCO's 80 classes with SSD-MobileNetV2 (Liu et al., ECCV 2016; Sandler et al., CVPR 2018).

The weights are TensorFlow's frozen graph of 2018-03-29, run by OpenCV's dnn. The network sees
300×300 pixels, so it is run on the whole picture, on windows of it and on mirrored windows, and the
detections are merged.
"""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pickmatte.models.geometry.boxes import Boxes, soft_nms
from pickmatte.models.grounders.ranking.detected_objects import DetectedObject
from pickmatte.models.protocols import RGB

from .tiling import SHARES, Window, tiles, whole_within

# COCO's labels in the order of their numbers, which start at 1 and leave some out.
_NAMES = """
person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant,
stop sign, parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe,
backpack, umbrella, handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite,
baseball bat, baseball glove, skateboard, surfboard, tennis racket, bottle, wine glass, cup, fork,
knife, spoon, bowl, banana, apple, sandwich, orange, broccoli, carrot, hot dog, pizza, donut, cake,
chair, couch, potted plant, bed, dining table, toilet, tv, laptop, mouse, remote, keyboard,
cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors, teddy bear,
hair drier, toothbrush"""
COCO = tuple(label.strip() for label in _NAMES.split(","))
_LEFT_OUT = (12, 26, 29, 30, 45, 66, 68, 69, 71, 83)
_NUMBERS = [number for number in range(1, 91) if number not in _LEFT_OUT]

_SIDE = 300
_LONGEST = 1000  # pixels of the long side that are worth looking at, window by window
_FLOOR = 0.1  # scores below are noise
_CUT = 0.3  # what is left of a score where a window may have cut the thing


class Detector:
    """The detection network; about a second a picture, safe to share between threads."""

    def __init__(self, graph: Path, layout: Path) -> None:
        self._network = cv2.dnn.readNetFromTensorflow(str(graph), str(layout))
        self._lock = threading.Lock()  # OpenCV's networks hold their input

    def detect(self, rgb: RGB, *, closely: bool = True) -> tuple[DetectedObject, ...]:
        """Return all objects of all classes with their scores, best first.

        `rgb` is uint8 H×W×3; boxes are in its pixels. With `closely` false the network runs once,
        on the whole picture: this is quick, and misses what is small.
        """
        height, width = rgb.shape[:2]
        scale = min(1.0, _LONGEST / max(height, width))
        across, down = max(scale, 1 / width), max(scale, 1 / height)  # a line keeps its one pixel
        seen = cv2.resize(rgb, None, fx=across, fy=down, interpolation=cv2.INTER_AREA)
        pixels: RGB = seen.astype(np.uint8, copy=False)
        size = pixels.shape[0], pixels.shape[1]
        looks = [self._look(pixels, window) for window in tiles(size)[: None if closely else 1]]
        if closely:
            looks += [self._mirrored(pixels, window) for window in tiles(size, SHARES[:1])]
        numbers, scores, boxes = (np.concatenate(part) for part in zip(*looks, strict=True))
        back = np.array([rgb.shape[1] / size[1], rgb.shape[0] / size[0]] * 2)
        things: list[DetectedObject] = []
        for number, label in zip(_NUMBERS, COCO, strict=True):
            of = numbers == number
            for box, score in zip(*soft_nms(boxes[of], scores[of], _FLOOR), strict=True):
                x0, y0, x1, y1 = (float(side) for side in box * back)
                things.append(DetectedObject((x0, y0, x1, y1), label, float(score)))
        return tuple(sorted(things, key=lambda thing: -thing.score))

    def _mirrored(
        self, rgb: RGB, window: Window
    ) -> tuple[NDArray[np.int_], NDArray[np.float64], Boxes]:
        """Return the same as `_look` for the mirrored window, which the network sees anew."""
        width = rgb.shape[1]
        x0, y0, x1, y1 = window
        numbers, scores, boxes = self._look(rgb[:, ::-1], (width - x1, y0, width - x0, y1))
        boxes[:, [0, 2]] = width - boxes[:, [2, 0]]
        return numbers, scores, boxes

    def _look(
        self, rgb: RGB, window: Window
    ) -> tuple[NDArray[np.int_], NDArray[np.float64], Boxes]:
        """Return class numbers, scores and boxes (in the picture's pixels) found in one window."""
        x0, y0, x1, y1 = window
        size = rgb.shape[0], rgb.shape[1]
        seen = np.ascontiguousarray(rgb[y0:y1, x0:x1])
        blob = cv2.dnn.blobFromImage(seen, size=(_SIDE, _SIDE))
        with self._lock:
            self._network.setInput(blob)
            found = self._network.forward()[0, 0].astype(float)
        boxes = found[:, 3:7] * [x1 - x0, y1 - y0, x1 - x0, y1 - y0] + [x0, y0, x0, y0]
        boxes = boxes.clip(0, [size[1], size[0]] * 2)
        scores = found[:, 2] * np.where(whole_within(boxes, window, size), 1.0, _CUT)
        real = ((boxes[:, 2:] - boxes[:, :2]) >= 1).all(1)
        return found[real, 1].astype(int), scores[real], boxes[real]
