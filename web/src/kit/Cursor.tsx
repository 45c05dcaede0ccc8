import type { PointerEvent } from 'react'

interface Props {
  label: string
  count: number
  at: number
  /** The chosen one, in words. */
  says: string
  onChange: (at: number) => void
}

/** The arrow keys choose one mark of a picture after the other, and a screen reader says each. */
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

/** Where in an element the pointer is: 0 to 1 in both directions. */
export function placeOf(event: PointerEvent<Element>): { x: number; y: number } {
  const box = event.currentTarget.getBoundingClientRect()
  return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height }
}
