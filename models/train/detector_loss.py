"""Task-aligned assignment and the losses of the detector, for whole batches with fixed shapes, so that a step can be recorded as a
CUDA graph.

Targets: gt B x M x 4, corners B x M x 8, has B x M (corners known), valid B x M, ignore B x K x 4 (unused rows: all zero), faint B
(weight of the background at stride 8: below one where small plates went unlabelled).
"""
import torch
import torch.nn.functional as F
from detector_net import centres, decode


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


def assign(points, strides, score, boxes, gt, valid, topk=10):
    """Cells that answer for each labelled plate: those near its middle whose prediction fits it best.

    -> positive B x N, owner B x N, wanted score B x N.
    """
    iou, _ = giou(boxes[:, None], gt[:, :, None])
    centre, half = (gt[..., :2] + gt[..., 2:]) / 2, (gt[..., 2:] - gt[..., :2]) / 2
    off = (points[None, None] - centre[:, :, None]).abs()
    # Inside the plate, or within one cell of its middle: a plate 6 pixels high may hold no centre at all.
    near = (off <= torch.maximum(half[:, :, None], strides * 0.75)).all(-1) & valid[..., None]
    # The predicted box starts out wrong: a prior on size keeps the levels apart until it is right.
    width = (gt[..., 2] - gt[..., 0]).clamp(min=1)[..., None]
    fit = torch.exp(-((torch.log2(width / (strides[:, 0] * 5.0))) ** 2) / 4.0)
    close = torch.exp(-(off / (strides * 2.5 + 0.3 * half[:, :, None])).pow(2).sum(-1))
    metric = score.sigmoid()[:, None].sqrt() * (iou.clamp(min=0) ** 3 + 0.02 * fit * close) * near
    top = metric.topk(topk, -1)
    chosen = torch.zeros_like(metric).scatter_(-1, top.indices, (top.values > 1e-9).to(metric.dtype))
    metric = metric * chosen
    m, owner = metric.max(1)
    best = metric.amax(-1).gather(1, owner) + 1e-12
    peak = (iou * chosen).amax(-1).gather(1, owner)
    return m > 0, owner, (m / best) * peak.clamp(min=0.05) * (m > 0)


def loss(maps, t):
    """-> score, box and corner losses."""
    score, boxes, corners = decode(maps)
    points, strides = centres([m.shape[2:] for m in maps], score.device)
    with torch.no_grad():
        positive, owner, want = assign(points, strides, score, boxes, t["gt"], t["valid"])
    pick = lambda v: v.gather(1, owner[..., None].expand(-1, -1, v.shape[-1]))
    g, gc = pick(t["gt"]), pick(t["corners"])
    has = t["has"].gather(1, owner)
    # Cells without a plate are given a box of their own, so that nothing is divided by zero.
    g = torch.where(positive[..., None], g, boxes.detach())
    gc = torch.where(positive[..., None], gc, corners.detach())
    side = (g[..., 2:] - g[..., :2]).clamp(min=1.0)
    _, gi = giou(boxes, g)
    edges = F.smooth_l1_loss(boxes / side.repeat(1, 1, 2), g / side.repeat(1, 1, 2), beta=0.05, reduction="none").mean(-1)
    size = side.repeat(1, 1, 4)
    err = F.smooth_l1_loss(corners / size, gc / size, beta=0.05, reduction="none").mean(-1)
    cx, cy = corners[..., 0::2], corners[..., 1::2]
    hull = torch.stack((cx.amin(-1), cy.amin(-1), cx.amax(-1), cy.amax(-1)), -1)
    # Where only a box is known, the corners' bounds must still equal it.
    weak = F.smooth_l1_loss(hull / size[..., :4], g / size[..., :4], beta=0.05, reduction="none").mean(-1)
    norm = want.sum().clamp(min=1.0)
    total_b = ((1 - gi + edges) * want).sum() / norm
    total_c = (torch.where(has, err, 0.5 * weak) * want).sum() / norm
    p = score.sigmoid()
    # Quality focal loss: easy background counts little.
    bce = F.binary_cross_entropy_with_logits(score, want, reduction="none")
    weight = (p.detach() - want).abs().pow(1.5)
    ig = t["ignore"]
    x, y = points[:, 0], points[:, 1]
    inside = ((x >= ig[..., 0:1]) & (x <= ig[..., 2:3]) & (y >= ig[..., 1:2]) & (y <= ig[..., 3:4])).any(1)
    keep = torch.where(inside & ~positive, 0.0, 1.0)
    first = maps[0].shape[2] * maps[0].shape[3]
    faint = torch.where(positive[:, :first], 1.0, t["faint"][:, None])
    keep = torch.cat((keep[:, :first] * faint, keep[:, first:]), 1)
    return (bce * weight * keep).sum() / norm, total_b, total_c
