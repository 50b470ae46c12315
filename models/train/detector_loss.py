"""Task-aligned assignment and the losses of the detector."""
import torch
import torch.nn.functional as F
from detector_net import decode, centres


def giou(a, b, eps=1e-6):
    x1, y1 = torch.maximum(a[..., 0], b[..., 0]), torch.maximum(a[..., 1], b[..., 1])
    x2, y2 = torch.minimum(a[..., 2], b[..., 2]), torch.minimum(a[..., 3], b[..., 3])
    inter = (x2 - x1).clamp(min=0) * (y2 - y1).clamp(min=0)
    area = lambda t: (t[..., 2] - t[..., 0]).clamp(min=0) * (t[..., 3] - t[..., 1]).clamp(min=0)
    union = area(a) + area(b) - inter + eps
    iou = inter / union
    cw = torch.maximum(a[..., 2], b[..., 2]) - torch.minimum(a[..., 0], b[..., 0])
    ch = torch.maximum(a[..., 3], b[..., 3]) - torch.minimum(a[..., 1], b[..., 1])
    hull = cw * ch + eps
    return iou, iou - (hull - union) / hull


def assign(points, strides, score, boxes, gt, topk=10):
    """Cells that answer for each labelled plate: those near its middle whose prediction fits it best."""
    iou, _ = giou(boxes[None], gt[:, None])
    centre = (gt[:, :2] + gt[:, 2:]) / 2
    half = (gt[:, 2:] - gt[:, :2]) / 2
    off = (points[None] - centre[:, None]).abs()
    # Inside the plate, or within one cell of its middle: a plate 6 pixels high may hold no centre at all.
    near = (off <= torch.maximum(half[:, None], strides[None] * 0.75)).all(-1)
    # The predicted box starts out wrong: a prior on size keeps the levels apart until it is right.
    width = (gt[:, 2] - gt[:, 0])[:, None]
    fit = torch.exp(-((torch.log2(width / (strides[:, 0][None] * 5.0))) ** 2) / 4.0)
    close = torch.exp(-(off / (strides[None] * 2.5 + 0.3 * half[:, None])).pow(2).sum(-1))
    metric = score.sigmoid()[None].sqrt() * (iou.clamp(min=0) ** 3 + 0.02 * fit * close) * near
    k = min(topk, metric.shape[1])
    top = metric.topk(k, 1)
    chosen = torch.zeros_like(metric).scatter_(1, top.indices, (top.values > 1e-9).float())
    metric_c = metric * chosen
    owner = metric_c.argmax(0)
    positive = metric_c.amax(0) > 0
    m = metric_c.gather(0, owner[None])[0]
    best = metric_c.amax(1)[owner] + 1e-12
    peak = (iou * chosen).amax(1)[owner]
    target = (m / best) * peak.clamp(min=0.05)
    return positive, owner, target * positive


def loss(maps, targets):
    """`targets`: per picture a dict of gt (n x 4), corners (n x 8), has (n, bool), ignore (m x 4), weight8 (float)."""
    score, boxes, corners = decode(maps)
    points, strides = centres([m.shape[2:] for m in maps], score.device)
    first = maps[0].shape[2] * maps[0].shape[3]
    total_s = total_b = total_c = total_w = 0.0
    norm = 0.0
    for i, t in enumerate(targets):
        gt = t["gt"]
        want = torch.zeros_like(score[i])
        if len(gt):
            with torch.no_grad():
                pos, owner, want = assign(points, strides, score[i].detach(), boxes[i].detach(), gt)
            idx = pos.nonzero()[:, 0]
            if len(idx):
                g, w = gt[owner[idx]], want[idx]
                _, gi = giou(boxes[i][idx], g)
                total_b = total_b + ((1 - gi) * w).sum()
                size = (g[:, 2:] - g[:, :2]).repeat(1, 4)
                c, gc, has = corners[i][idx], t["corners"][owner[idx]], t["has"][owner[idx]]
                err = F.smooth_l1_loss(c / size, gc / size, beta=0.05, reduction="none").mean(1)
                # Where only a box is known, the corners' bounds must still equal it.
                cx, cy = c[:, 0::2], c[:, 1::2]
                hull = torch.stack((cx.amin(1), cy.amin(1), cx.amax(1), cy.amax(1)), 1)
                weak = F.smooth_l1_loss(hull / size[:, :4], g / size[:, :4], beta=0.05, reduction="none").mean(1)
                total_c = total_c + (torch.where(has, err, 0.5 * weak) * w).sum()
                norm = norm + want.sum()
        p = score[i].sigmoid()
        # Quality focal loss: easy background counts little.
        bce = F.binary_cross_entropy_with_logits(score[i], want, reduction="none")
        weight = (p.detach() - want).abs().pow(1.5)
        keep = torch.ones_like(want)
        if len(t["ignore"]):
            ig = t["ignore"]
            inside = ((points[None] >= ig[:, None, :2]) & (points[None] <= ig[:, None, 2:])).all(-1).any(0)
            keep[inside & (want == 0)] = 0
        if t["weight8"] < 1:
            low = torch.zeros_like(want, dtype=torch.bool)
            low[:first] = True
            keep[low & (want == 0)] *= t["weight8"]
        total_s = total_s + (bce * weight * keep).sum()
        total_w = total_w + 1
    norm = torch.as_tensor(norm).clamp(min=1.0) + 0.0
    return total_s / norm, total_b / norm, total_c / norm
