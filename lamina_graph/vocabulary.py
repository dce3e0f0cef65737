"""Words of node types, and what they mean: role, task, modality."""

from typing import Literal

Role = Literal["input", "generate", "transform", "control", "output", "unknown"]
Modality = Literal["text", "image", "video", "audio", "3d", "vector", "data"]
