import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Waiting } from './Empty.tsx'
import { ErrorBox } from './Failure.tsx'

interface Props<T> {
  query: Pick<UseQueryResult<T>, 'data' | 'isError' | 'error'>
  rows?: number
  children: (data: T) => ReactNode
}

/** Shows fetched data, even when it is a little old; without data, the failure or a placeholder. */
export function Loaded<T>({ query, rows, children }: Props<T>) {
  if (query.data !== undefined) return children(query.data)
  if (!query.isError) return <Waiting rows={rows} />
  return (
    <div className="p-4">
      <ErrorBox error={query.error} />
    </div>
  )
}
