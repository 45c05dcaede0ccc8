import { useMutation, useQueryClient } from '@tanstack/react-query'

/** A change that is one request. Afterwards the lists that it touches are asked for again, by the beginning of their keys. */
export function useChanging<T, V>(keys: readonly string[], change: (value: V) => Promise<T>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: () => Promise.all(keys.map(key => client.invalidateQueries({ queryKey: [key] }))),
  })
}
