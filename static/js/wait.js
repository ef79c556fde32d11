// Looks again while a list is being made. Without scripts the page does so by itself.
setTimeout(function () { location.reload(); }, 2000);
