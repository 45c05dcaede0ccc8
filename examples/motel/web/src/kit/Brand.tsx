export function Brand() {
  return (
    <span className="brand">
      <svg viewBox="0 0 32 32" width="30" height="30" aria-hidden>
        <rect width="32" height="32" rx="9" fill="var(--accent)" />
        <path d="M5 21v-9m0 6h22v3m0-3v-1a4 4 0 0 0-4-4h-9v5" fill="none" stroke="#fff" strokeWidth="2.4" strokeLinecap="round" strokeLinejoin="round" />
        <circle cx="9.5" cy="14.5" r="2" fill="#fff" />
      </svg>
      Lodge Motel
    </span>
  )
}
