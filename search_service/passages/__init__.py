"""Document to passages: `cutting` is the way in; `anchors` names passages and finds them again."""
