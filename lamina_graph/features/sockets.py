"""What the types of sockets tell of nodes: which part of a model a node is, and what medium leaves it.

A file that tells these types is believed: what words leave open is settled by them, and a name that says
another medium than flows is corrected.
"""

from lamina_graph.graph import Adjacency
from lamina_graph.vocabulary import Modality, Reading

_MEDIA: dict[str, Modality] = {
    "IMAGE": "image", "MASK": "image", "VIDEO": "video", "AUDIO": "audio", "STRING": "text",
    "MESH": "3d", "TRIMESH": "3d", "VOXEL": "3d", "SPLAT": "3d", "SVG": "vector",
}  # fmt: skip
_MODELS = frozenset(("MODEL", "GUIDER"))
_LOADED = frozenset(
    (
        "CLIP", "VAE", "CLIP_VISION", "CONTROL_NET", "STYLE_MODEL", "UPSCALE_MODEL", "AUDIO_ENCODER",
        "MODEL_PATCH",
    )
)  # fmt: skip
_CERTAINTY = 0.9


def socket_medium(type_name: str) -> Modality | None:
    """Return the medium that a socket of a type carries; None where it is no medium.

    >>> socket_medium("VIDEO"), socket_medium("FILE_3D_GLB"), socket_medium("LATENT")
    ('video', '3d', None)
    """
    return "3d" if type_name.startswith("FILE_3D") else _MEDIA.get(type_name)


def read_part(node: int, reading: Reading, adj: Adjacency) -> Reading:
    """Return what a node is by the types of its sockets, where no word says what it does."""
    into = {t for p in adj.predecessors[node] for t in adj.carried.get((p, node), ())}
    out = {t for s in adj.successors[node] for t in adj.carried.get((node, s), ())}
    media = tuple(dict.fromkeys(m for t in sorted(out) if (m := socket_medium(t)) and m != "text"))
    part = None
    if "CONDITIONING" in out:
        part = reading._replace(role="control", part="conditioning")
    elif "LATENT" in out and into & _MODELS:
        part = reading._replace(role="generate", part="sampler")
    elif "LATENT" in out:
        part = reading._replace(role="control", part="encoder" if "VAE" in into else "latent")
    elif "LATENT" in into and media:
        part = reading._replace(role="transform", part="decoder", gives=media[:1])
    elif "MODEL" in out:
        part = reading._replace(role="control", part="patch" if "MODEL" in into else "model")
    elif out & _LOADED and not into & _LOADED:
        part = reading._replace(role="control", part="aux")
    elif out and not any(map(socket_medium, out)):  # numbers and the like set up other nodes
        part = reading._replace(role="control")
    return reading if part is None else part._replace(certainty=_CERTAINTY)
