'use client'
import { useRouter } from 'next/navigation'
import { useEffect, type ReactNode } from 'react'
import { Shell } from '@/kit/Shell'
import { LiveProvider } from '@/live/live'
import { useSession } from '@/session/session'

/** All that needs a log-in. */
export default function Inside({ children }: { children: ReactNode }) {
  const session = useSession()
  const router = useRouter()
  useEffect(() => {
    if (session === null) router.replace('/login')
  }, [session, router])
  if (!session) return null
  return (
    <LiveProvider session={session}>
      <Shell person={session.person}>{children}</Shell>
    </LiveProvider>
  )
}
