-- Counters by release. Each worker counts in its own memory and adds its counts to the shared dictionary every TICK: a
-- shared counter for each request would cost more than everything else here.
local ffi = require 'ffi'
local metrics = require 'metrics'

local shared = ngx.shared.traffic
local DAY = 86400
local BOUNDS = { 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10 }
local FIELDS = { 'requests', '1xx', '2xx', '3xx', '4xx', '5xx', 'failed' }
local REQUESTS, FAILED, FIRST_BOUND = 1, 7, 8
for _, bound in ipairs(BOUNDS) do FIELDS[#FIELDS + 1] = tostring(bound) end
local KINDS = {}
for _, kind in ipairs { 'refused', 'late', 'cut', 'large', 'garbled' } do
  FIELDS[#FIELDS + 1] = kind
  KINDS[kind] = #FIELDS
end

local M = { TICK = 0.1, BOUNDS = BOUNDS }
local all, ending = {}, false

ffi.cdef [[ int kill(int pid, int sig); ]]

local function gauge_key(site, release, pid)
  return 'active\1' .. site .. '\1' .. release .. '\1' .. pid
end

local function zeroes()
  local list = {}
  for i = 1, #FIELDS do list[i] = 0 end
  return list
end

-- This worker's counters for a release (`service/release`).
function M.of(site, release)
  local id = site .. '\1' .. release
  local counts = all[id]
  if not counts then
    counts = { id = id, site = site, release = release, active = 0, shown = 0, fresh = zeroes(), dirty = false }
    all[id] = counts
  end
  return counts
end

local function flush(counts)
  if counts.shown ~= counts.active then
    counts.shown = counts.active
    local key = gauge_key(counts.site, counts.release, ngx.worker.pid())
    shared:set(key, counts.active > 0 and counts.active or nil)
  end
  if not counts.dirty then return end
  counts.dirty = false
  for i, n in ipairs(counts.fresh) do
    if n > 0 then
      local key = 'count\1' .. counts.id .. '\1' .. FIELDS[i]
      shared:incr(key, n, 0)
      -- Counters of a release that answered nothing for a month expire.
      shared:expire(key, 30 * DAY)
      counts.fresh[i] = 0
    end
  end
end

function M.flush()
  for _, counts in pairs(all) do flush(counts) end
  metrics.flush()
end

-- A worker that is being replaced has no timers any more, so from now on it writes each change at once.
function M.last_words()
  ending = true
  metrics.last_words()
  M.flush()
end

function M.enter(counts)
  counts.active = counts.active + 1
end

function M.leave(counts)
  counts.active = counts.active - 1
  if ending then flush(counts) end
end

-- Counts an answer of the app. `seconds`: nil for WebSockets and event streams, whose duration means nothing.
function M.answered(counts, status, seconds)
  local fresh = counts.fresh
  fresh[REQUESTS] = fresh[REQUESTS] + 1
  -- 499: the client left before there was an answer, so it is not counted as one.
  local class = status ~= 499 and status >= 100 and status < 600 and (status - status % 100) / 100 + 1
  if class then fresh[class] = fresh[class] + 1 end
  if seconds then
    for i = 1, #BOUNDS do
      if seconds <= BOUNDS[i] then
        fresh[FIRST_BOUND - 1 + i] = fresh[FIRST_BOUND - 1 + i] + 1
        break
      end
    end
  end
  counts.dirty = true
  if ending then flush(counts) end
end

function M.failed(counts, kind)
  local fresh = counts.fresh
  fresh[KINDS[kind]] = fresh[KINDS[kind]] + 1
  fresh[REQUESTS] = fresh[REQUESTS] + 1
  fresh[FAILED] = fresh[FAILED] + 1
  counts.dirty = true
  if ending then flush(counts) end
end

local function alive(pid, key)
  if ffi.C.kill(tonumber(pid), 0) == 0 then return true end
  shared:delete(key)
end

-- The counters of a site over all workers: { release → { field → number, active } }.
function M.read(site)
  local found = {}
  for _, key in ipairs(shared:get_keys(0)) do
    local kind, owner, release, last = key:match('^(%a+)\1([^\1]*)\1([^\1]*)\1(.*)$')
    if owner == site then
      local into = found[release] or { active = 0 }
      found[release] = into
      local n = shared:get(key) or 0
      if kind == 'count' then into[last] = n end
      if kind == 'active' and alive(last, key) then into.active = into.active + n end
    end
  end
  return found
end

function M.forget(site)
  for _, key in ipairs(shared:get_keys(0)) do
    if key:match('^count\1([^\1]*)') == site then shared:delete(key) end
  end
end

return M
