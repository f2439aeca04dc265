import { useMemo } from "react";

import { factors } from "../../texts/factors";
import { useTexts } from "../../texts/catalogue";

interface Squares {
  /** Path data. */
  readonly path: string;
  /** The width and the height of the code, in its squares. */
  readonly size: number;
}

/** A QR code, drawn from the path in an SVG document. Nothing else of the document gets into the page. */
export function QrCode({ svg }: { svg: string }) {
  const texts = useTexts(factors);
  const squares = useMemo(() => squaresOf(svg), [svg]);
  if (!squares) return null;
  return (
    <svg className="qr" viewBox={`0 0 ${squares.size} ${squares.size}`} role="img" aria-label={texts.qr}>
      <path d={squares.path} stroke="#000" fill="none" shapeRendering="crispEdges" />
    </svg>
  );
}

/** What an SVG document draws; undefined if it is anything but a path of lines. The key can still be typed. */
function squaresOf(svg: string): Squares | undefined {
  const document = new DOMParser().parseFromString(svg, "image/svg+xml");
  const drawn = document.querySelector("path");
  const path = drawn?.getAttribute("d") ?? "";
  const scale = Number(/^scale\((\d+)\)$/.exec(drawn?.getAttribute("transform") ?? "scale(1)")?.[1]);
  const size = Number(document.documentElement.getAttribute("width")) / scale;
  return /^[MmHhVv\d\s.,-]+$/.test(path) && size > 0 ? { path, size } : undefined;
}
