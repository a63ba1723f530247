"""A world to try things in: fictional participants XA to XC beside the real public record."""
