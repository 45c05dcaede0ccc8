-- What came of a request, attempt by attempt: counted for the release that was asked, and said in the log when there was no answer.
local ffi = require 'ffi'
local tables = require 'tables'
local traffic = require 'traffic'

local var, leave, shun, NOBODY = ngx.var, traffic.leave, tables.shun, tables.NOBODY

ffi.cdef [[ long write(int fd, const char *buffer, size_t size); ]]

-- `failures`: words for each kind of failure. `largest`: how long the headers of an answer may be, in bytes.
local M = { failures = {}, largest = 0 }

-- Whom another attempt is made with, and for whom it counts.
function M.others_of(target)
  if #target.fallback > 0 then return target.fallback, target.fallback_counts end
  return target.peers, target.counts
end

-- What an attempt without an answer failed of.
local function kind_of(status, connected, bytes)
  if connected == '-' then return 'refused' end
  if status == 504 then return 'late' end
  if bytes == 0 then return 'cut' end
  return bytes >= M.largest and 'large' or 'garbled'
end

-- Counts an attempt without an answer, and says in the log why, once a second for each kind. Without the query, which may
-- hold a secret.
function M.fail(counts, kind)
  traffic.failed(counts, kind)
  if not ngx.shared.traffic:add('said\1' .. counts.id .. '\1' .. kind, true, 1) then return end
  local service, release = counts.release:match('^(.*)/(.*)$')
  local path = (var.request_uri or ''):match('^[^?]*'):sub(1, 200)
  local who = '@' .. counts.site .. ' ' .. service .. ' ' .. release
  local line = who .. ' ' .. ngx.req.get_method() .. ' ' .. path .. ': ' .. M.failures[kind] .. '\n'
  ffi.C.write(2, line, #line)
end

-- Counts each attempt: a failed one counts for the release that failed, also when another release answered after it.
local function settle_each(state)
  local statuses = (var.upstream_status or ''):gmatch('[^, ]+')
  local headers = (var.upstream_header_time or ''):gmatch('[^, ]+')
  local times = (var.upstream_response_time or ''):gmatch('[^, ]+')
  local connects = (var.upstream_connect_time or ''):gmatch('[^, ]+')
  local sizes = (var.upstream_bytes_received or ''):gmatch('[^, ]+')
  local kind = ngx.header.content_type or ''
  local stream = state.stream or ngx.status == 101 or kind:find('text/event-stream', 1, true) == 1
  local target = state.target
  local _, other_counts = M.others_of(target)
  for n = 1, state.tries do
    local status, header, seconds = tonumber(statuses()), headers(), tonumber(times())
    local connected, bytes = connects(), tonumber(sizes()) or 0
    local counts = n > 1 and other_counts or state.began
    if state.lent and n >= state.lent then counts = target.warm.counts end
    if header == '-' and (status == 502 or status == 504) then
      M.fail(counts, kind_of(status, connected, bytes))
      if n == state.tries and #target.fallback == 0 and state.peer ~= NOBODY then shun(target.site, state.peer) end
    else
      traffic.answered(counts, status or ngx.status, not stream and seconds or nil)
    end
  end
end

function M.settle(state)
  leave(state.counts)
  if state.interim then return traffic.answered(state.counts, state.interim.status, state.interim.at and state.interim.at - state.at) end
  local status, seconds = ngx.status, ngx.now() - state.at
  if state.tries == 1 and status < 499 and seconds < 0.1 and not state.stream then
    return traffic.answered(state.counts, status, seconds)
  end
  settle_each(state)
end

return M
