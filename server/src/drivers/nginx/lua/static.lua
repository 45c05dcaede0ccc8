-- Serves files of a release. nginx looks whether a file exists (`try_files`, which follows no link); this decides which name
-- to look for, and what to do when there is none.
local built = require 'built'
local edge = require 'edge'
local files = require 'files'

local M = {}
local exists = files.exists

-- Folders that were found behind a link, so that nginx, which complains of each link in its log, is not asked for what is in them.
local linked, links, MOST_LINKED = {}, 0, 2000

local MEDIA = [[\.(?:woff2?|ttf|otf|eot|png|jpe?g|gif|svg|webp|avif|ico|mp4|webm|mp3)$]]

-- Browsers must revalidate pages and code each time (304 when unchanged): code of one release breaks a page of another,
-- and a cached service worker cannot be replaced. Images may be cached for five minutes.
local function cache_of(path, forever)
  if forever then return 'public, max-age=31536000, immutable' end
  return ngx.re.find(path, MEDIA, 'ijo') and 'public, max-age=300' or 'no-cache'
end

local function give(root, path, forever)
  ngx.var.edge_root = root
  ngx.var.edge_file = path
  ngx.var.edge_cache = cache_of(path, forever)
end

local function give_own(target, path, prefix)
  local root = target.roots[1]
  give(root, path, built.from_content(target.roots, root, path, prefix))
end

-- The location that sends what was given: pages whose visitors are measured go through Lua, all else by sendfile.
local function place(target)
  return target.vitals and ngx.var.edge_file:find('%.html?$') and '@html' or '@file'
end

-- The path below a prefix of a route; nil: it is the prefix itself.
local function below(uri, prefix)
  return uri:sub(#prefix + 1, #prefix + 1) == '/' and uri:sub(#prefix + 1) or nil
end

local function folder_of(path)
  return path:match('^(.*)/')
end

local function remember_linked(folder)
  if linked[folder] then return end
  if links >= MOST_LINKED then linked, links = {}, 0 end
  linked[folder], links = true, links + 1
end

local function with_index(path)
  return path:sub(-1) == '/' and path .. 'index.html' or path
end

-- First try: the path below the route's prefix, in the current release.
function M.find()
  local uri, target, prefix = ngx.var.uri, edge.target()
  if not target or files.hidden(uri) then return ngx.exec('@nowhere') end
  local path = with_index(below(uri, prefix) or '/')
  if linked[target.roots[1] .. folder_of(path)] then return ngx.exec('@missing') end
  give_own(target, path, prefix)
  -- Without the slash, relative links in the page would lead elsewhere.
  if not below(uri, prefix) then return ngx.exec('@missing') end
  if place(target) == '@html' and exists(target.roots[1] .. path) then return ngx.exec('@html') end
end

-- An asset in the files of an older release: a page that was loaded from that release still asks for it.
local function lent(target, path, prefix)
  if not built.looks_hashed(path) then return nil end
  for i = 2, #target.roots do
    local root = target.roots[i]
    if exists(root .. path) and built.may_lend(target.roots, root, path, prefix) then
      return root, built.from_content(target.roots, root, path, prefix)
    end
  end
end

local function navigates(uri)
  local method = ngx.req.get_method()
  if method ~= 'GET' and method ~= 'HEAD' then return false end
  if not uri:match('[^/]*$'):find('.', 1, true) then return true end
  return (ngx.var.http_accept or ''):find('text/html', 1, true) ~= nil and not built.looks_hashed(uri)
end

-- Redirects to `name/`: without the slash, relative links in the folder's page would lead elsewhere.
local function add_slash()
  local path, query = ngx.var.request_uri:match('^([^?]*)(.*)$')
  ngx.redirect(path:gsub('^/+', '/') .. '/' .. query, 301)
end

-- Gives a file by this path, by its name without `.html`, or behind a link; false: there is none.
local function found(target, path, prefix)
  local root = target.roots[1]
  for _, name in ipairs { path, path .. '.html' } do
    if exists(root .. name) then
      give_own(target, name, prefix)
      return true
    end
    if target.shared then
      local folder, rest = files.behind_links(root .. name, target.tree, target.shared)
      if folder then
        remember_linked(root .. folder_of(name))
        give(folder, rest, false)
        return true
      end
    end
  end
  return false
end

local function is_folder(target, path)
  local index = target.roots[1] .. path .. '/index.html'
  return exists(index) or target.shared and files.behind_links(index, target.tree, target.shared) ~= nil
end

function M.missing()
  local uri, target, prefix = ngx.var.uri, edge.target()
  -- Some builds write the prefix as a folder, too.
  local paths = prefix == '' and { uri } or { below(uri, prefix) or '', uri }
  for _, path in ipairs(paths) do
    if path ~= '' and found(target, with_index(path), prefix) then return ngx.exec(place(target)) end
    if path:sub(-1) ~= '/' and is_folder(target, path) then return add_slash() end
    local older, forever = lent(target, path, prefix)
    if older then
      give(older, path, forever)
      return ngx.exec(place(target))
    end
  end
  if target.spa and navigates(uri) and (found(target, '/index.html', prefix) or found(target, prefix .. '/index.html', prefix)) then
    return ngx.exec(place(target))
  end
  ngx.exec('@nowhere')
end

return M
