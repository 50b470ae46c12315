"""Detection figures as the scorer defines them: det@.5 and false positives a picture, letterboxed at a pixel budget."""
import numpy as np
import cv2
import torch
from detector_net import decode


def shape_for(w, h, pixels, stride=32):
    """The input shape (multiples of the stride) near the pixel budget that shows a w x h picture largest."""
    best = None
    for cols in range(6, 25):
        rows = int(pixels // (stride * stride) // cols)
        if rows < 6:
            continue
        H, W = rows * stride, cols * stride
        s = min(W / w, H / h)
        if best is None or s > best[0]:
            best = (s, H, W)
    return best[1], best[2]


def nms(boxes, scores, limit=0.5):
    order, keep = np.argsort(-scores), []
    while len(order):
        i = order[0]
        keep.append(i)
        r = order[1:]
        w = (np.minimum(boxes[i, 2], boxes[r, 2]) - np.maximum(boxes[i, 0], boxes[r, 0])).clip(0)
        h = (np.minimum(boxes[i, 3], boxes[r, 3]) - np.maximum(boxes[i, 1], boxes[r, 1])).clip(0)
        area = lambda b: (b[..., 2] - b[..., 0]) * (b[..., 3] - b[..., 1])
        iou = w * h / (area(boxes[i]) + area(boxes[r]) - w * h + 1e-9)
        order = r[iou < limit]
    return keep


def overlap(a, b):
    if not len(a) or not len(b):
        return np.zeros((len(a), len(b)))
    w = (np.minimum(a[:, None, 2], b[None, :, 2]) - np.maximum(a[:, None, 0], b[None, :, 0])).clip(0)
    h = (np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 1], b[None, :, 1])).clip(0)
    area = lambda t: (t[:, 2] - t[:, 0]) * (t[:, 3] - t[:, 1])
    return w * h / (area(a)[:, None] + area(b)[None] - w * h + 1e-9)


def prepare(im, pixels):
    """-> network input 1 x 3 x H x W and the scale from picture to input, as the engine letterboxes."""
    h, w = im.shape[:2]
    H, W = shape_for(w, h, pixels)
    k = min(W / w, H / h)
    small = cv2.resize(im, (round(w * k), round(h * k)), interpolation=cv2.INTER_AREA if k < 1 else cv2.INTER_LINEAR)
    canvas = np.full((H, W, 3), 114, np.uint8)
    canvas[:small.shape[0], :small.shape[1]] = small
    x = torch.from_numpy(canvas).permute(2, 0, 1)[None].float().div(255).contiguous(memory_format=torch.channels_last)
    return x, k


@torch.inference_mode()
def evaluate(net, scenes, pixels=147456, budgets=(0.02, 0.04, 0.06, 0.1, 0.2, 0.3), bf16=True):
    """-> ({false positives a picture: (det@.5, lowest score)}, mean corner error in plate heights)."""
    thresholds = [round(0.1 + 0.02 * i, 2) for i in range(40)]
    net.eval()
    found = {t: 0 for t in thresholds}
    extra = {t: 0 for t in thresholds}
    plates, corner_err = 0, []
    for s in scenes:
        x, k = prepare(s["image"], pixels)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            maps = net(x)
        score, boxes, corners = decode([m.float() for m in maps])
        score, boxes, corners = score[0].sigmoid().numpy(), boxes[0].numpy() / k, corners[0].numpy() / k
        sel = score > min(thresholds)
        score, boxes, corners = score[sel], boxes[sel], corners[sel]
        keep = nms(boxes, score)
        score, boxes, corners = score[keep], boxes[keep], corners[keep]
        # Sizes are judged in the file's own pixels.
        f = 1 / s["scale"]
        gt = s["boxes"]
        big = ((gt[:, 2] - gt[:, 0]) * f >= 20) & ((gt[:, 3] - gt[:, 1]) * f >= 8)
        plates += int(big.sum())
        everything = np.concatenate((gt, s["ignore"]))
        for t in thresholds:
            b = boxes[score >= t]
            o = overlap(gt, b)
            if len(b) and len(gt):
                found[t] += int((o.max(1)[big] >= 0.5).sum())
            oo = overlap(b, everything).max(1) if len(everything) and len(b) else np.zeros(len(b))
            extra[t] += int((((b[:, 2] - b[:, 0]) * f >= 48) & (oo < 0.3)).sum())
        if s["has"].any() and len(boxes):
            o = overlap(gt, boxes)
            for i in np.flatnonzero(s["has"]):
                j = o[i].argmax()
                if o[i, j] >= 0.5:
                    corner_err.append(np.abs(corners[j] - s["corners"][i]).mean() / (gt[i, 3] - gt[i, 1]))
    curve = {}
    for budget in budgets:
        held = [t for t in thresholds if extra[t] <= budget * len(scenes)]
        if held:
            curve[budget] = (round(100 * found[held[0]] / max(plates, 1), 1), held[0])
    return curve, float(np.mean(corner_err)) if corner_err else float("nan")
