import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createBrowserRouter, Navigate, useOutletContext } from 'react-router'
import { RouterProvider } from 'react-router/dom'
import { Shell } from './kit/Shell.tsx'
import { Booking } from './pages/Booking.tsx'
import { Chat } from './pages/Chat.tsx'
import { Exports } from './pages/Exports.tsx'
import { Home } from './pages/Home.tsx'
import { Invoices } from './pages/Invoices.tsx'
import { LogIn } from './pages/LogIn.tsx'
import { Overview } from './pages/Overview.tsx'
import { Patient } from './pages/Patient.tsx'
import { Patients } from './pages/Patients.tsx'
import { Screening } from './pages/Screening.tsx'
import type { Account } from './types.ts'
import './style.css'

const First = () => (useOutletContext<Account>().role === 'patient' ? <Home /> : <Overview />)

const router = createBrowserRouter([
  { path: '/log-in', element: <LogIn /> },
  {
    path: '/',
    element: <Shell />,
    children: [
      { index: true, element: <First /> },
      { path: 'patients', element: <Patients /> },
      { path: 'patients/:id', element: <Patient /> },
      { path: 'booking', element: <Booking /> },
      { path: 'invoices', element: <Invoices /> },
      { path: 'chat/:id?', element: <Chat /> },
      { path: 'exports', element: <Exports /> },
      { path: 'screenings/:id', element: <Screening /> },
      { path: '*', element: <Navigate to="/" replace /> },
    ],
  },
])

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <RouterProvider router={router} />
  </StrictMode>,
)
