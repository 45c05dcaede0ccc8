import type { PointerEvent } from 'react'

interface Props {
  label: string
  count: number
  at: number
  /** The chosen mark in words. */
  says: string
  onChange: (at: number) => void
}

/** Lets the arrow keys move through the marks of a chart; a screen reader reads each. */
export function Cursor({ label, count, at, says, onChange }: Props) {
  return (
    <input
      type="range"
      className="peer sr-only"
      aria-label={label}
      aria-valuetext={says}
      min={0}
      max={Math.max(0, count - 1)}
      value={at}
      onChange={event => onChange(Number(event.target.value))}
    />
  )
}

/** Position of the pointer in an element: 0 to 1 in both directions. */
export function placeOf(event: PointerEvent<Element>): { x: number; y: number } {
  const box = event.currentTarget.getBoundingClientRect()
  return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height }
}
