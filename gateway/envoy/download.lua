-- Refuses a download over HTTP/1.0, which marks the end of a file by the end of the connection: its
-- client would mistake a part for the whole file.

function envoy_on_request(handle)
  if handle:streamInfo():protocol() == "HTTP/1.0" then
    refuse(handle, { code = "HTTP_VERSION_NOT_SUPPORTED" })
  end
end
