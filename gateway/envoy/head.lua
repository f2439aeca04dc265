-- Drops the body of a response to HEAD. The headers, content-length included, are those of GET.

function envoy_on_response(handle)
  for piece in handle:bodyChunks() do piece:setBytes("") end
end
