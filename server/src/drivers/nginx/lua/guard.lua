-- What a site takes from whom, before any app is asked.
local certificates = require 'certificates'
local visitor = require 'visitor'

local var = ngx.var
local M = {}

-- The rules of a table, ready to be asked; nil: there are none.
function M.prepare(raw)
  if not raw then return nil end
  local ready = { visitor = visitor.prepare(raw.trusted) }
  ready.asks = ready.visitor.trusted and true or false
  return ready.asks and ready or nil
end

-- The location that answers instead of the app, or nothing; then the visitor's address where a proxy named it.
-- `secures`: whether plain requests for names with a certificate are sent to https.
function M.judge(guard, public, secures)
  local text, proto, _
  if guard and public then
    _, text, proto = visitor.public(guard.visitor)
  end
  if secures and proto ~= 'https' and certificates.secures(var.host) then return 'secure' end
  return nil, text
end

return M
