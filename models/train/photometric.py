"""Light, colour, blur, noise and compression for a batch of pictures, on the device that trains."""
import math
import torch
import torch.nn.functional as F

LUMA = (0.299, 0.587, 0.114)
# Quantisation of luminance, ITU-T T.81 table K.1.
TABLE = [16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
         18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99]


class Photometric:
    """Callable: uint8 B x H x W x 3 -> float B x 3 x H x W in 0..1. No step depends on values, so it can be recorded."""

    def __init__(self, device):
        self.luma = torch.tensor(LUMA, device=device).view(1, 3, 1, 1)
        self.table = torch.tensor(TABLE, device=device, dtype=torch.float32).view(8, 8)
        k, n = torch.arange(8.0).view(8, 1), torch.arange(8.0).view(1, 8)
        dct = torch.cos((2 * n + 1) * k * math.pi / 16) * 0.5
        dct[0] *= 2 ** -0.5
        self.dct = dct.to(device)
        r = torch.arange(-4.0, 5.0, device=device)
        self.ky, self.kx = torch.meshgrid(r, r, indexing="ij")
        self.device = device

    def uniform(self, n, low, high):
        return (torch.rand(n, device=self.device) * (high - low) + low).view(n, 1, 1, 1)

    def chance(self, n, p):
        return (torch.rand(n, device=self.device) < p).view(n, 1, 1, 1)

    def light(self, x):
        n = len(x)
        # Balance of the channels, saturation, gamma, gain.
        x = x * (1 + 0.06 * torch.randn(n, 3, 1, 1, device=self.device))
        grey = (x * self.luma).sum(1, keepdim=True)
        saturation = torch.where(self.chance(n, 0.13), 0.0, self.uniform(n, 0.5, 1.4))
        x = (grey + (x - grey) * saturation).clamp(1e-3, 1)
        x = x ** torch.exp(0.28 * torch.randn(n, 1, 1, 1, device=self.device))
        gain = torch.where(self.chance(n, 0.1), self.uniform(n, 0.12, 0.5), self.uniform(n, 0.65, 1.35))
        x = x * gain
        # Haze, glare, a lifted black.
        veil = torch.where(self.chance(n, 0.12), self.uniform(n, 0.1, 0.55), 0.0)
        tone = self.uniform(n, 0.15, 0.85)
        return (x * (1 - veil) + tone * veil).clamp(0, 1)

    def blur(self, x):
        """Gaussian blur of another width along another direction for each: out of focus, or moved."""
        n = len(x)
        t = self.uniform(n, 0, math.pi).view(n, 1, 1)
        u = self.kx * torch.cos(t) + self.ky * torch.sin(t)
        v = self.ky * torch.cos(t) - self.kx * torch.sin(t)
        short = self.uniform(n, 0.35, 1.5).view(n, 1, 1)
        long = torch.where(self.chance(n, 0.4).view(n, 1, 1), self.uniform(n, 1.0, 4.0).view(n, 1, 1), short)
        k = torch.exp(-0.5 * ((u / long) ** 2 + (v / short) ** 2))
        k = (k / k.sum((1, 2), keepdim=True)).unsqueeze(1).repeat_interleave(3, 0)
        b, c, h, w = x.shape
        padded = F.pad(x.reshape(1, b * c, h, w), (4, 4, 4, 4), mode="replicate")
        return F.conv2d(padded, k, groups=b * c).view(b, c, h, w)

    def jpeg(self, x):
        b, c, h, w = x.shape
        y = (x * self.luma).sum(1, keepdim=True)
        parts = torch.cat((y, F.interpolate(F.avg_pool2d(x - y, 2), scale_factor=2.0, mode="nearest")), 1) * 255
        blocks = parts.view(b, 4, h // 8, 8, w // 8, 8).permute(0, 1, 2, 4, 3, 5)
        f = self.dct @ blocks @ self.dct.T
        quality = torch.rand(b, device=self.device) * 63 + 12
        scale = torch.where(quality < 50, 50 / quality, 2 - quality / 50).view(b, 1, 1, 1, 1, 1)
        table = (self.table * scale).clamp(min=1)
        blocks = self.dct.T @ (torch.round(f / table) * table) @ self.dct
        parts = blocks.permute(0, 1, 2, 4, 3, 5).reshape(b, 4, h, w) / 255
        return (parts[:, 1:] + parts[:, :1]).clamp(0, 1)

    def __call__(self, pictures):
        x = pictures.permute(0, 3, 1, 2).float() / 255
        n = len(x)
        x = self.light(x)
        a = max(n // 5, 1)
        x = torch.cat((self.blur(x[:a]), x[a:]))
        sigma = torch.where(self.chance(n, 0.25), self.uniform(n, 0.006, 0.06), 0.0)
        x = (x + torch.randn_like(x) * sigma).clamp(0, 1)
        # Some of the blurred ones and some sharp ones: the batch is in no order.
        c = a // 2
        return torch.cat((x[:c], self.jpeg(x[c:c + max(n // 5, 1)]), x[c + max(n // 5, 1):]))
