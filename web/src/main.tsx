import './zod-without-eval.ts'
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { KeeperError } from './keeper/request.ts'
import { restoreTheme } from './kit/theme.ts'
import { router } from './router.tsx'
import './style.css'

const outside = ['/sign-in', '/welcome']

const client = new QueryClient({
  defaultOptions: { queries: { retry: false, staleTime: 2_000 } },
  queryCache: new QueryCache({
    onError(error) {
      const { pathname } = router.state.location
      if (!(error instanceof KeeperError) || error.status !== 401 || outside.includes(pathname)) return
      void router.navigate({ to: '/sign-in', search: { next: pathname } })
    },
  }),
})

restoreTheme()
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
