// An intrusive doubly linked list: linking and unlinking cost a few stores and never allocate. A node that dies
// unlinks itself; a list that dies lets its nodes go. Both belong to one thread.
#pragma once

#include <cstddef>

namespace outrigger {

/// Derive from it once for each list an object stands in; `Tag` tells the lists apart.
template <class Tag>
class ListNode {
 public:
  ListNode() = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;
  ~ListNode() { unlink(); }

  bool linked() const { return next_ != this; }

  void unlink() {
    next_->prev_ = prev_;
    prev_->next_ = next_;
    next_ = prev_ = this;
  }

 private:
  template <class, class>
  friend class List;
  ListNode* next_ = this;
  ListNode* prev_ = this;
};

/// A list of T, which derives from ListNode<Tag>. It owns nothing.
template <class T, class Tag>
class List {
 public:
  using Node = ListNode<Tag>;

  ~List() { clear(); }

  bool empty() const { return !head_.linked(); }
  T& front() { return item(head_.next_); }
  T& back() { return item(head_.prev_); }

  /// A node that is linked elsewhere moves here.
  void pushFront(T& item) { insert(&head_, head_.next_, node(item)); }
  void pushBack(T& item) { insert(head_.prev_, &head_, node(item)); }

  T* popFront() {
    if (empty()) return nullptr;
    T& first = front();
    node(first).unlink();
    return &first;
  }

  /// Moves every node of `other` behind ours; `other` is left empty.
  void takeAll(List& other) {
    while (T* moved = other.popFront()) pushBack(*moved);
  }

  void clear() {
    while (popFront() != nullptr) {
    }
  }

  /// Calls `each(T&)` front to back; `each` may unlink the node it is given, and no other.
  template <class Each>
  void forEach(Each&& each) {
    for (Node* at = head_.next_; at != &head_;) {
      Node* following = at->next_;
      each(item(at));
      at = following;
    }
  }

  size_t count() const {
    size_t n = 0;
    for (const Node* at = head_.next_; at != &head_; at = at->next_) ++n;
    return n;
  }

 private:
  static T& item(Node* node) { return static_cast<T&>(*node); }
  static Node& node(T& item) { return item; }

  static void insert(Node* before, Node* behind, Node& fresh) {
    if (before == &fresh || behind == &fresh) return;
    fresh.unlink();
    fresh.prev_ = before;
    fresh.next_ = behind;
    before->next_ = behind->prev_ = &fresh;
  }

  Node head_;
};

}  // namespace outrigger
