#include "proxy/net/file_watch.h"

namespace outrigger::net {

FileWatch::FileWatch(EventLoop& loop, std::string folder, OnChange onChange)
    : loop_(loop), folder_(std::move(folder)), onChange_(std::move(onChange)) {
  uv_fs_event_init(loop_.raw(), event_.get());
  renew();
}

void FileWatch::renew() {
  HandleBox<uv_fs_event_t> fresh;
  uv_fs_event_init(loop_.raw(), fresh.get());
  fresh->data = this;
  uv_fs_event_start(
      fresh.get(),
      [](uv_fs_event_t* event, const char*, int, int) {
        auto* self = static_cast<FileWatch*>(event->data);
        if (self == nullptr) return;
        const EventLoop::Callback callback(self->loop_);
        self->onChange_();
      },
      folder_.c_str(), 0);
  event_ = std::move(fresh);  // the old one closes
}

}  // namespace outrigger::net
