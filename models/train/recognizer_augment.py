"""From canvases to what a camera and a detector make of them, whole batches at once, on the GPU or the CPU.

In this order, as it happens: what stands around the plate and on it; light; the lens and the distance, which give the plate its
number of pixels; motion, noise and codec in those pixels; the detector's cut, stretched to the network's input.
"""
import math
import torch
import torch.nn.functional as F
from recognizer_data import CANVAS_H, CANVAS_W, PLATE, SPRITE, SPRITE_H, SPRITE_W, INDEX, LONGEST
from recognizer_net import HEIGHT, WIDTH

# The camera's picture of the cut: plates of up to 160 x 80 pixels, margins included.
NEAR_H, NEAR_W = 80, 160
MARGIN = 0.06
LUMA = (0.299, 0.587, 0.114)
QUANT = torch.tensor([
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100,
    103, 99], dtype=torch.float32).view(8, 8)


def rand(n, low, high, device):
    return torch.rand(n, device=device) * (high - low) + low


def chance(n, p, device):
    return (torch.rand(n, device=device) < p).float()


def homography(quad):
    """N x 4 x 2 corners (top left, clockwise) -> N x 3 x 3 from the unit square."""
    p0, p1, p2, p3 = quad.unbind(1)
    s = p0 - p1 + p2 - p3
    d1, d2 = p1 - p2, p3 - p2
    det = d1[:, 0] * d2[:, 1] - d1[:, 1] * d2[:, 0]
    g = (s[:, 0] * d2[:, 1] - s[:, 1] * d2[:, 0]) / det
    h = (d1[:, 0] * s[:, 1] - d1[:, 1] * s[:, 0]) / det
    a, b = p1 - p0 + g[:, None] * p1, p3 - p0 + h[:, None] * p3
    one = torch.ones_like(g)
    return torch.stack((a[:, 0], b[:, 0], p0[:, 0], a[:, 1], b[:, 1], p0[:, 1], g, h, one), 1).view(-1, 3, 3)


def box_mask(box, h, w, soft=1.0):
    """N x 4 (left, top, right, bottom) -> N x 1 x h x w, 1 inside."""
    x, y = torch.arange(w, device=box.device) + 0.5, torch.arange(h, device=box.device) + 0.5
    l, t, r, b = (box[:, k, None] for k in range(4))
    mx = ((x - l) / soft + 0.5).clamp(0, 1) * ((r - x) / soft + 0.5).clamp(0, 1)
    my = ((y - t) / soft + 0.5).clamp(0, 1) * ((b - y) / soft + 0.5).clamp(0, 1)
    return (my[:, :, None] * mx[:, None, :])[:, None]


def paste(sprites):
    """Sprites in the middle of black canvases."""
    out = torch.zeros(len(sprites), 3, CANVAS_H, CANVAS_W, device=sprites.device)
    x, y = SPRITE
    out[:, :, y:y + SPRITE_H, x:x + SPRITE_W] = sprites
    return out


class Camera:
    """Draws what the recogniser sees of plates on canvases (N x 3 x 128 x 256, 0..1)."""

    def __init__(self, device):
        self.device = device
        k = torch.arange(8, dtype=torch.float32)
        dct = torch.cos((2 * k[None] + 1) * k[:, None] * math.pi / 16) * 0.5
        dct[0] /= math.sqrt(2)
        self.dct, self.quant = dct.to(device), QUANT.to(device)
        self.luma = torch.tensor(LUMA, device=device).view(1, 3, 1, 1)

    def cut_quad(self, n, aspect, cut_off, sides=None):
        """Corners of the detector's cut in parts of the plate, N x 4 x 2, and the sides before they were turned, N x 4."""
        d = self.device
        loose = chance(n, 0.25, d)[:, None]
        sides = MARGIN + torch.randn(n, 4, device=d) * 0.025
        wild = torch.rand(n, 4, device=d) * 0.22 - 0.05
        sides = (1 - loose) * sides + loose * wild
        # A plate at the picture's edge: a part of its text is missing.
        left = chance(n, 0.5, d)
        missing = rand(n, 0.1, 0.5, d) * cut_off
        sides[:, 0] = torch.where(cut_off * left > 0, -missing, sides[:, 0])
        sides[:, 2] = torch.where(cut_off * (1 - left) > 0, -missing, sides[:, 2])
        l, t, r, b = sides.unbind(1)
        x = torch.stack((-l, 1 + r, 1 + r, -l), 1)
        y = torch.stack((-t, -t, 1 + b, 1 + b), 1)
        quad = torch.stack((x, y), 2)
        # Turned in the plate's true shape.
        wide = chance(n, 0.12, d)
        angle = torch.randn(n, device=d) * (math.radians(2.0) + wide * math.radians(7.0))
        angle = angle.clamp(-0.35, 0.35) * (1 - 0.7 * (aspect > 3).float())
        rolled = (chance(n, 0.12, d) * (aspect < 2.6).float())[:, None]
        angle = torch.where(rolled[:, 0] > 0, rand(n, -0.45, 0.45, d), angle)
        c, s = angle.cos()[:, None], angle.sin()[:, None]
        px, py = (quad[..., 0] - 0.5) * aspect[:, None], quad[..., 1] - 0.5
        # The upright box around a plate that is rolled, which is what a detector without sure corners gives.
        grow_x = (c + s.abs() / aspect[:, None]) * rolled + (1 - rolled)
        grow_y = (c + s.abs() * aspect[:, None]) * rolled + (1 - rolled)
        px, py = px * grow_x, py * grow_y
        shear = (torch.randn(n, device=d) * 0.06)[:, None]
        quad = torch.stack(((px * c - py * s + shear * py) / aspect[:, None] + 0.5, px * s + py * c + 0.5), 2)
        corners = torch.randn(n, 4, 2, device=d) * torch.tensor([0.014, 0.028], device=d) * (0.4 + 1.2 * torch.rand(n, 1, 1, device=d))
        return quad + corners * chance(n, 0.8, d)[:, None, None], torch.stack((-l, -t, 1 + r, 1 + b), 1)

    def sample(self, canvases, quad, size_w, size_h):
        """The cut in the camera's pixels: N x 3 x 80 x 160, of which the upper left size_h x size_w are the cut."""
        d, n = self.device, len(canvases)
        m = homography(quad * torch.tensor([PLATE[2] - PLATE[0], PLATE[3] - PLATE[1]], device=d, dtype=torch.float32)
                       + torch.tensor(PLATE[:2], device=d, dtype=torch.float32))
        u = (torch.arange(NEAR_W, device=d) + 0.5)[None, None, :] / size_w[:, None, None]
        v = (torch.arange(NEAR_H, device=d) + 0.5)[None, :, None] / size_h[:, None, None]
        u, v = u.clamp(max=1.08).expand(n, NEAR_H, NEAR_W), v.clamp(max=1.08).expand(n, NEAR_H, NEAR_W)
        e = m[:, :, :, None, None]
        w = (e[:, 2, 0] * u + e[:, 2, 1] * v + e[:, 2, 2]).clamp(min=0.2)
        x, y = (e[:, 0, 0] * u + e[:, 0, 1] * v + e[:, 0, 2]) / w, (e[:, 1, 0] * u + e[:, 1, 1] * v + e[:, 1, 2]) / w
        grid = torch.stack((x * (2 / CANVAS_W) - 1, y * (2 / CANVAS_H) - 1), 3)
        # Canvas pixels for a pixel of the camera, which must be averaged.
        step_x = (quad[:, 1, 0] - quad[:, 0, 0]).abs() * 160 / size_w
        step_y = (quad[:, 3, 1] - quad[:, 0, 1]).abs() * 80 / size_h
        level = (0.5 * torch.log2((step_x * step_y).clamp(min=1e-3)) - 0.2).clamp(0, 2)[:, None, None, None]
        out, small = 0, canvases
        for k in range(3):
            weight = (1 - (level - k).abs()).clamp(min=0)
            out = out + weight * F.grid_sample(small, grid, mode="bilinear", padding_mode="border", align_corners=False)
            if k < 2:
                small = F.avg_pool2d(small, 2)
        return out

    def stretch(self, near, size_w, size_h):
        """The cut stretched to the network's input."""
        n, d = len(near), self.device
        x = ((torch.arange(WIDTH, device=d) + 0.5) / WIDTH)[None, None, :] * size_w[:, None, None]
        y = ((torch.arange(HEIGHT, device=d) + 0.5) / HEIGHT)[None, :, None] * size_h[:, None, None]
        grid = torch.stack((x.expand(n, HEIGHT, WIDTH) * (2 / NEAR_W) - 1, y.expand(n, HEIGHT, WIDTH) * (2 / NEAR_H) - 1), 3)
        return F.grid_sample(near, grid, mode="bilinear", padding_mode="border", align_corners=False)

    def plain(self, canvases, aspect):
        """The cut as the engine makes it of a labelled box, nothing else: for measuring."""
        n, d = len(canvases), self.device
        m = MARGIN
        quad = torch.tensor([[-m, -m], [1 + m, -m], [1 + m, 1 + m], [-m, 1 + m]], device=d).expand(n, 4, 2)
        w, h = torch.full((n,), float(NEAR_W), device=d), torch.full((n,), float(NEAR_H), device=d)
        return self.stretch(self.sample(canvases, quad, w, h), w, h)

    def field(self, n, h=NEAR_H, w=NEAR_W, rough=None):
        """A soft random field, N x 1 x h x w, about -1..1."""
        d = self.device
        coarse = torch.randn(n, 1, 3, 5, device=d)
        fine = torch.randn(n, 1, 6, 14, device=d)
        up = lambda f: F.interpolate(f, (h, w), mode="bilinear", align_corners=False)
        return 0.7 * up(coarse) + 0.5 * up(fine)

    def wear(self, x):
        """Shadow, dirt and glare on the plate."""
        n, d = len(x), self.device
        each = lambda p: chance(n, p, d).view(n, 1, 1, 1)
        amount = lambda low, high: rand(n, low, high, d).view(n, 1, 1, 1)
        edge = torch.sigmoid((self.field(n) - amount(-0.5, 0.5)) * amount(2, 25))
        x = x * (1 - each(0.3) * amount(0.15, 0.65) * edge)
        dirt = ((self.field(n) - amount(-0.3, 0.5)) * 1.5).clamp(0, 1) * amount(0.1, 0.5) * each(0.25)
        mud = torch.rand(n, 3, 1, 1, device=d) * 0.3 + amount(0.15, 0.6)
        x = x + (mud - x) * dirt
        glare = (self.field(n) - 0.4).clamp(0, 1) * amount(0.2, 0.8) * each(0.1)
        return x + (1 - x) * glare

    def light(self, x, hard):
        """`hard`: 1 for pictures under bad conditions, which are a part of all; the others keep most of their contrast."""
        n, d = len(x), self.device
        hard = hard.view(n, 1, 1, 1)
        each = lambda p: chance(n, p, d).view(n, 1, 1, 1)
        amount = lambda low, high: rand(n, low, high, d).view(n, 1, 1, 1)
        normal = lambda s: torch.randn(n, 1, 1, 1, device=d) * s
        x = x.clamp(1e-4, 1) ** (normal(0.3) * each(0.6)).exp()
        x = x * (torch.randn(n, 3, 1, 1, device=d) * 0.08 * each(0.7)).exp()
        # Contrast about the middle; dusk and haze leave little of it.
        mean = x.mean((1, 2, 3), keepdim=True)
        dull = each(0.5) * hard
        gain = (normal(0.25).exp() * (1 - dull) + amount(0.2, 0.7) * dull)
        shift = normal(0.08) * each(0.6)
        dim = each(0.5) * hard * amount(0.1, 0.6)
        x = (mean + (x - mean) * gain) * (1 - dim) + shift
        gray = (x * self.luma).sum(1, keepdim=True)
        x = torch.lerp(x, gray.expand_as(x), each(0.15))
        # One channel alone is what an infrared camera makes of colours.
        mix = torch.softmax(torch.randn(n, 3, 1, 1, device=d) * 1.5, 1)
        x = torch.lerp(x, (x * mix).sum(1, keepdim=True).expand_as(x), each(0.06))
        return x + (1 - 2 * x) * each(0.03)

    def optics(self, x, pitch, hard):
        """Defocus and motion: an elongated bell, in pixels; `pitch` is a character's width, beyond which nothing is legible."""
        n, d = len(x), self.device
        small = (torch.randn(n, device=d).abs() * (0.2 + 0.35 * hard) + 0.1) * chance(n, 0.85, d) + 0.1
        small = torch.minimum(small, 0.14 * pitch)
        moved = chance(n, 0.2, d) * rand(n, 0.05, 0.25, d) * pitch
        long = (small ** 2 + moved ** 2).sqrt().clamp(max=3.0)
        angle = rand(n, 0, math.pi, d) * chance(n, 0.5, d)
        # Most pictures are sharp enough to be left as they are.
        soft = (long > 0.38).nonzero()[:, 0]
        small, long, angle, part = small[soft], long[soft], angle[soft], x[soft]
        n = len(soft)
        if n == 0:
            return x
        r = torch.arange(-4, 5, device=d, dtype=torch.float32)
        c, s = angle.cos().view(n, 1, 1), angle.sin().view(n, 1, 1)
        a, b = r[None, None, :] * c + r[None, :, None] * s, r[None, :, None] * c - r[None, None, :] * s
        kernel = torch.exp(-0.5 * ((a / long.view(n, 1, 1)) ** 2 + (b / small.view(n, 1, 1)) ** 2))
        kernel = kernel / kernel.sum((1, 2), keepdim=True)
        weight = kernel[:, None].expand(n, 3, 9, 9).reshape(n * 3, 1, 9, 9)
        x = x.clone()
        x[soft] = F.conv2d(part.reshape(1, n * 3, NEAR_H, NEAR_W), weight, padding=4, groups=n * 3).view(n, 3, NEAR_H, NEAR_W)
        return x

    def sensor(self, x, hard):
        n, d = len(x), self.device
        hard = hard.view(n, 1, 1, 1)
        each = lambda p: chance(n, p, d).view(n, 1, 1, 1)
        amount = lambda low, high: rand(n, low, high, d).view(n, 1, 1, 1)
        spread = x.std((1, 2, 3), keepdim=True).clamp(0.04, 0.25) / 0.25
        strong = amount(0, 1) ** 2 * each(0.7) * (0.35 + 0.65 * hard)
        noise = torch.randn(n, 1, NEAR_H, NEAR_W, device=d) + 0.6 * torch.randn_like(x)
        x = x + noise * strong * (0.02 + 0.11 * spread) * (0.5 + x.clamp(0, 1).sqrt())
        blur = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        x = x + (x - blur) * each(0.3) * amount(0.2, 1.4) - (x - blur) * each(0.2) * amount(0.2, 0.9)
        dots = torch.rand(n, 1, NEAR_H, NEAR_W, device=d)
        share = each(0.03) * amount(0.005, 0.05)
        x = torch.where(dots < share, torch.zeros_like(x), torch.where(dots > 1 - share, torch.ones_like(x), x))
        return x.clamp(0, 1)

    def codec(self, x):
        """JPEG's loss: blocks of 8 x 8, the usual table, colours coarser."""
        n, d = len(x), self.device
        used = chance(n, 0.6, d)
        quality = rand(n, 30, 95, d)
        scale = torch.where(quality < 50, 50 / quality, 2 - quality / 50).view(n, 1, 1, 1, 1, 1)
        dx, dy = (int(v) for v in torch.randint(0, 8, (2,)))
        y = torch.roll(x, (dy, dx), (2, 3))
        luma = (y * self.luma).sum(1, keepdim=True)
        chroma = y - luma
        blocks = (luma * 255).view(n, 1, NEAR_H // 8, 8, NEAR_W // 8, 8)
        table = (self.quant * 1.0).view(1, 1, 1, 8, 1, 8) * scale
        freq = torch.einsum("ua,ncyaxb,vb->ncyuxv", self.dct, blocks - 128, self.dct)
        freq = torch.round(freq / table) * table
        back = torch.einsum("ua,ncyuxv,vb->ncyaxb", self.dct, freq, self.dct) + 128
        # Colour is kept at half the resolution and coarsely.
        half = F.interpolate(F.avg_pool2d(chroma, 4), (NEAR_H, NEAR_W), mode="bilinear", align_corners=False)
        coarse = (scale.view(n, 1, 1, 1) * 0.5).clamp(0, 1)
        y2 = back.reshape(n, 1, NEAR_H, NEAR_W) / 255 + torch.lerp(chroma, half, coarse)
        y2 = torch.roll(y2, (-dy, -dx), (2, 3))
        return torch.lerp(x, y2.clamp(0, 1), used.view(n, 1, 1, 1))

    def __call__(self, canvases, aspect, native, widest, cut_off):
        """-> N x 3 x 64 x 128 (0..1), the cut's left and right side in parts of the plate.

        `native`: the plate's width in pixels of its photograph; `widest`: characters beside each other; `cut_off`: 1 where a
        part of the plate is to be missing."""
        n, d = len(canvases), self.device
        squeeze = (torch.randn(n, device=d) * 0.12 * chance(n, 0.4, d)).exp()
        quad, sides = self.cut_quad(n, aspect, cut_off)
        far = torch.exp(rand(n, math.log(42.0), math.log(150.0), d))
        near = rand(n, 90.0, 150.0, d)
        width = torch.where(torch.rand(n, device=d) < 0.65, far, near)
        width = torch.minimum(width, native.clamp(min=40) * 1.1)
        width = torch.maximum(width, 5.4 * widest + 8)
        size_w = (width * (sides[:, 2] - sides[:, 0])).clamp(16, NEAR_W)
        size_h = (size_w / (aspect * squeeze) * (sides[:, 3] - sides[:, 1]) / (sides[:, 2] - sides[:, 0])).clamp(9, NEAR_H)
        x = self.sample(canvases, quad, size_w, size_h)
        hard = chance(n, 0.35, d)
        x = self.light(self.wear(x), hard)
        x = self.optics(x, width * 0.85 / widest.clamp(min=4), hard)
        x = self.codec(self.sensor(x, hard))
        x = torch.round(x * 255) / 255
        return self.stretch(x, size_w, size_h), sides[:, [0, 2]]


def visible_text(symbols, lengths, cells, sides):
    """The labels of plates of which a part is missing: characters outside are gone, those cut in two are `?`.

    symbols N x 12, lengths N, cells N x 12 x 2 (left and right side of each character in parts of the plate), sides N x 2."""
    place = torch.arange(LONGEST, device=symbols.device)[None]
    known = place < lengths[:, None]
    left, right = cells[..., 0], cells[..., 1]
    seen = (torch.minimum(right, sides[:, 1:2]) - torch.maximum(left, sides[:, 0:1])) / (right - left).clamp(min=1e-3)
    kept = known & (seen > 0.25)
    out = torch.where(seen < 0.75, torch.full_like(symbols, INDEX["?"]), symbols)
    order = torch.argsort((~kept).int(), dim=1, stable=True)
    return out.gather(1, order), kept.sum(1)
