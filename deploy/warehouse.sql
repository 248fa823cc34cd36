-- Run once by a new database container: dataset tables have a database of their own.
CREATE DATABASE warehouse;
