//! Speaks with cameras over RTSP and delivers whole access units on the wall clock.
