// The physical limit: a bare libuv byte relay (no parsing, one upstream connection a client).
#include <stdlib.h>
#include <string.h>
#include <uv.h>
typedef struct side {
  uv_tcp_t h;
  struct side* peer;
  int open;
} side;
static struct sockaddr_in up;
static char buf[65536];
static void alloc(uv_handle_t* h, size_t n, uv_buf_t* b) {
  (void)h;
  (void)n;
  b->base = buf;
  b->len = sizeof buf;
}
static void closed(uv_handle_t* h) {
  free(h);
}
static void shut(side* s) {
  side* p = s->peer;
  if (!uv_is_closing((uv_handle_t*)&s->h)) uv_close((uv_handle_t*)&s->h, closed);
  if (p && !uv_is_closing((uv_handle_t*)&p->h)) {
    p->peer = NULL;
    uv_close((uv_handle_t*)&p->h, closed);
  }
  s->peer = NULL;
}
typedef struct {
  uv_write_t w;
  char d[];
} wr;
static void wrote(uv_write_t* w, int st) {
  (void)st;
  free(w);
}
static void rd(uv_stream_t* st, ssize_t n, const uv_buf_t* b) {
  side* s = (side*)st;
  if (n < 0) {
    shut(s);
    return;
  }
  if (n == 0 || !s->peer) return;
  uv_buf_t o = uv_buf_init(b->base, n);
  int k = s->peer->open ? uv_try_write((uv_stream_t*)&s->peer->h, &o, 1) : 0;
  if (k < 0) k = 0;
  if (k < n) {
    wr* w = malloc(sizeof *w + n - k);
    memcpy(w->d, b->base + k, n - k);
    o = uv_buf_init(w->d, n - k);
    uv_write(&w->w, (uv_stream_t*)&s->peer->h, &o, 1, wrote);
  }
}
static void up_open(uv_connect_t* c, int st) {
  side* s = (side*)c->handle;
  free(c);
  if (st) {
    shut(s);
    return;
  }
  s->open = 1;
  uv_read_start((uv_stream_t*)&s->h, alloc, rd);
  if (s->peer) uv_read_start((uv_stream_t*)&s->peer->h, alloc, rd);
}
static void accept_cb(uv_stream_t* l, int st) {
  if (st) return;
  side *c = calloc(1, sizeof *c), *u = calloc(1, sizeof *u);
  uv_tcp_init(l->loop, &c->h);
  uv_tcp_init(l->loop, &u->h);
  uv_accept(l, (uv_stream_t*)&c->h);
  uv_tcp_nodelay(&c->h, 1);
  uv_tcp_nodelay(&u->h, 1);
  c->peer = u;
  u->peer = c;
  c->open = 1;
  uv_tcp_connect(malloc(sizeof(uv_connect_t)), &u->h, (struct sockaddr*)&up, up_open);
}
int main(int argc, char** argv) {
  (void)argc;
  uv_loop_t* lp = uv_default_loop();
  uv_tcp_t l;
  struct sockaddr_in a;
  uv_ip4_addr("127.0.0.1", atoi(argv[1]), &a);
  uv_ip4_addr("127.0.0.1", atoi(argv[2]), &up);
  uv_tcp_init(lp, &l);
  uv_tcp_bind(&l, (struct sockaddr*)&a, 0);
  uv_listen((uv_stream_t*)&l, 4096, accept_cb);
  return uv_run(lp, UV_RUN_DEFAULT);
}
