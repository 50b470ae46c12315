"""Which detector a checkpoint holds: `detector_net.Detector` or a `lean_net.Lean` of some widths and depths."""
import torch
from detector_net import Detector
from lean_net import Lean


def make(options):
    """A new network: `widths` and `depths` ("32-48-96-128-48", "1-2-2-1-1") give a `Lean`, nothing a `Detector`."""
    if "widths" in options:
        numbers = lambda name: tuple(int(v) for v in options[name].split("-"))
        return Lean(numbers("widths"), numbers("depths"))
    return Detector()


def load(path):
    """The network of a checkpoint of `detector_train.py` (options and state) or of `detector_train.py` (a state alone)."""
    saved = torch.load(path, weights_only=True, map_location="cpu")
    if "options" in saved:
        net = make(saved["options"])
        net.load_state_dict(saved["state"])
        return net
    widths = (saved["stem.0.0.weight"].shape[0], saved["stem.1.0.weight"].shape[0]) + tuple(saved[f"s{k}.0.0.weight"].shape[0] for k in (8, 16, 32))
    net = Detector(widths)
    net.load_state_dict(saved)
    return net
