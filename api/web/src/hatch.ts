// The hatching of suppressed places, drawn by the map and the legend alike.

import type { Palette } from './theme'

// hatch draws diagonal strokes on a square that repeats without a seam. Its side is in device pixels.
export function hatch(side: number, { hatchGround, hatchStroke }: Palette): ImageData {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = side
  const ink = canvas.getContext('2d')
  if (!ink) return new ImageData(side, side)
  ink.fillStyle = hatchGround
  ink.fillRect(0, 0, side, side)
  ink.strokeStyle = hatchStroke
  ink.lineWidth = side / 7
  for (const shift of [-side, 0, side]) {
    ink.beginPath()
    ink.moveTo(shift - 2, side + 2)
    ink.lineTo(shift + side + 2, -2)
    ink.stroke()
  }
  return ink.getImageData(0, 0, side, side)
}
