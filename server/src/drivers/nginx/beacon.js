// Follows web-vitals in the script of the edge. It keeps no cookie and no identifier: what is sent says nothing of a person.
;(() => {
  const beacon = '/.innkeeper/vitals'
  const sent = {}
  let values = {}
  let views = []

  const note = (name, value) => {
    // Once for each page: a histogram cannot take back what it was told of a page that goes on.
    if (sent[name] || !Number.isFinite(value)) return
    values[name] = name === 'cls' ? value.toFixed(4) : Math.round(value)
  }
  const view = () => {
    if (views.length < 20) views.push(location.pathname)
  }

  const entry = location.pathname
  view()
  for (const name of ['LCP', 'INP', 'CLS', 'FCP', 'TTFB'])
    webVitals[`on${name}`](metric => note(name.toLowerCase(), metric.value))
  const loaded = () => {
    const [timing] = performance.getEntriesByType('navigation')
    if (timing && timing.loadEventEnd > 0) note('load', timing.loadEventEnd - (timing.activationStart || 0))
  }
  const send = () => {
    if (document.visibilityState !== 'hidden') return
    loaded()
    if (views.length === 0 && Object.keys(values).length === 0) return
    const said = new URLSearchParams(values)
    said.set('path', entry)
    for (const path of views) said.append('view', path)
    for (const name of Object.keys(values)) sent[name] = true
    values = {}
    views = []
    navigator.sendBeacon(beacon, said.toString())
  }
  // Of the window, so that it comes after what web-vitals listens to at the document.
  addEventListener('visibilitychange', send)
  // A page that comes back whole from the browser's memory is seen again.
  addEventListener('pageshow', event => event.persisted && view())
  // The router of a single page, where the browser tells of it.
  let path = entry
  if (globalThis.navigation && navigation.addEventListener)
    navigation.addEventListener('currententrychange', () => {
      if (location.pathname !== path) {
        path = location.pathname
        view()
      }
    })
})()
