import { useEffect, useMemo, useRef } from 'react'

const EVERY_MS = 80

/**
 * Collects items and passes them on a few times a second. A build or a chatty app prints thousands of lines, and a page
 * that rendered for each of them would freeze.
 */
export function useBatch<T>(take: (items: readonly T[]) => void) {
  const latest = useRef(take)
  useEffect(() => {
    latest.current = take
  })
  const batch = useMemo(() => {
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
      latest.current(full)
    }
    const add = (item: T) => {
      items.push(item)
      timer ??= setTimeout(flush, EVERY_MS)
    }
    return { add, drop }
  }, [])
  useEffect(() => batch.drop, [batch])
  return batch
}
