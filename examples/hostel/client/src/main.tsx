import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { BrowserRouter, Route, Routes } from 'react-router'
import { Shell } from './kit/Shell.tsx'
import { Board } from './pages/Board.tsx'
import { Guests } from './pages/Guests.tsx'
import { LogIn } from './pages/LogIn.tsx'
import { Money } from './pages/Money.tsx'
import { SelfCheckIn } from './pages/SelfCheckIn.tsx'
import { Settings } from './pages/Settings.tsx'
import './style.css'

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <BrowserRouter>
      <Routes>
        <Route path="/log-in" element={<LogIn />} />
        <Route path="/self/:token" element={<SelfCheckIn />} />
        <Route element={<Shell />}>
          <Route index element={<Board />} />
          <Route path="/guests" element={<Guests />} />
          <Route path="/money" element={<Money />} />
          <Route path="/settings" element={<Settings />} />
          <Route path="*" element={<p className="empty">There is no such page.</p>} />
        </Route>
      </Routes>
    </BrowserRouter>
  </StrictMode>,
)
