import { useEffect, useMemo, useRef } from 'react'

const EVERY_MS = 80

/** Collects items and passes them on a few times a second. `drop` forgets those that were not passed on yet. */
export function batching<T>(take: (items: readonly T[]) => void) {
  let items: T[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const drop = () => {
    clearTimeout(timer)
    timer = undefined
    items = []
  }
  const flush = () => {
    const full = items
    drop()
    take(full)
  }
  const add = (item: T) => {
    items.push(item)
    timer ??= setTimeout(flush, EVERY_MS)
  }
  return { add, drop }
}

/**
 * A batch for as long as the component lives. A build or a chatty app prints thousands of lines, and a page that
 * rendered for each of them would freeze.
 */
export function useBatch<T>(take: (items: readonly T[]) => void) {
  const latest = useRef(take)
  useEffect(() => {
    latest.current = take
  })
  const batch = useMemo(() => batching<T>(items => latest.current(items)), [])
  useEffect(() => batch.drop, [batch])
  return batch
}
