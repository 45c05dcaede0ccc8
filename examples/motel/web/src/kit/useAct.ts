'use client'
import { useState } from 'react'

/** Runs one thing at a time and keeps what went wrong. */
export function useAct() {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const act = async (run: () => Promise<unknown>) => {
    setBusy(true)
    setError(undefined)
    try {
      await run()
      return true
    } catch (failure) {
      setError((failure as Error).message)
      return false
    } finally {
      setBusy(false)
    }
  }
  return { act, busy, error }
}
